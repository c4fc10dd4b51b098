# ecsh completion for fish:  ecsh completion fish | source
function __ecsh_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
    if contains -- :files $lines
        __fish_complete_path "$current"
    end
    string match -v -- :files $lines
end
complete -c ecsh -f -a '(__ecsh_complete)'
