# ecsh completion for bash:  source <(ecsh completion bash)
_ecsh() {
  local line=${COMP_LINE:0:COMP_POINT} current candidate char breaks= head= kind= text IFS=$' \t\n'
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${words[${#words[@]} - 1]}
  # bash replaces only what stands behind the last of its word breaks, and an @ with it.
  for char in : = @; do [[ $COMP_WORDBREAKS == *"$char"* ]] && breaks+=$char; done
  [[ -n $breaks ]] && head=${current%"${current##*[$breaks]}"}
  head=${head%@}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate text; do
    kind=$text
    if [[ $candidate == :files ]]; then
      # Not among targets, whose colon it would quote.
      [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$current")
      continue
    fi
    COMPREPLY+=("${candidate#"$head"}")
  done < <("$1" __complete -- "${words[@]:1}" 2>/dev/null)
  # A container may follow a service, task or family.
  if [[ ${#COMPREPLY[@]} -eq 1 && (${COMPREPLY[0]} == *[/@=:] || $kind =~ ^(service|task|family)$) ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _ecsh ecsh
