# ecsh completion for fish:  ecsh completion fish | source
function __ecsh_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
    if test "$lines[1]" = :files
        __fish_complete_path "$current"
    else
        string join -- \n $lines
    end
end
complete -c ecsh -f -a '(__ecsh_complete)'
