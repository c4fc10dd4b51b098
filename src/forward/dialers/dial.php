$host = strpos($argv[1], ":") === false ? $argv[1] : "[$argv[1]]";
$s = @stream_socket_client("tcp://$host:$argv[2]", $n, $why, 30);
if (!$s) { fwrite(STDERR, "ecsh-down $why\n"); exit(111); }
fwrite(STDERR, "ecsh-up\n");
stream_set_blocking($s, false);
$in = STDIN; $left = ""; $over = false;
while (true) {
  $r = [$s]; if ($in && $left === "") $r[] = $in;
  $w = $left === "" ? [] : [$s]; $x = null;
  if (stream_select($r, $w, $x, null) === false) exit(1);
  if ($w) { $sent = fwrite($s, $left); if ($sent === false) exit(1); $left = (string) substr($left, $sent); }
  foreach ($r as $from) {
    $data = fread($from, 65536);
    if ($from === $s) { if ($data === "" || $data === false) { if (feof($s)) exit(0); } else fwrite(STDOUT, $data); }
    elseif ($data === "" || $data === false) { if (feof($in)) { $in = null; $over = true; } }
    else $left = $data;
  }
  if ($over && $left === "") { stream_socket_shutdown($s, STREAM_SHUT_WR); $over = false; }
}
