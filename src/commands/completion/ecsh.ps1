# ecsh completion for PowerShell:  ecsh completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ecsh -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    ecsh __complete -- @words "$wordToComplete" 2>$null | Where-Object { $_ -ne ':files' } | ForEach-Object {
        $value, $text = $_ -split [char]9, 2
        if (-not $text) { $text = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
    }
}
