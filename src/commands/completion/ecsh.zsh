#compdef ecsh
# ecsh completion for zsh:  source <(ecsh completion zsh)
_ecsh() {
  local line value
  local -a lines open open_text closed closed_text
  lines=("${(@f)$("${words[1]}" __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  [[ ${lines[-1]} == :files ]] && _files
  for line in ${lines:#:files}; do
    value=${line%%$'\t'*}
    if [[ $value == *[/@=:] ]]; then
      open+=("$value")
      open_text+=("${line/$'\t'/  }")
    else
      closed+=("$value")
      closed_text+=("${line/$'\t'/  }")
    fi
  done
  (($#open)) && compadd -S '' -l -d open_text -a open
  (($#closed)) && compadd -l -d closed_text -a closed
}
if [[ ${funcstack[1]} == _ecsh ]]; then
  _ecsh "$@"
else
  compdef _ecsh ecsh
fi
