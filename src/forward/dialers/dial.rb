require "socket"
begin
  s = TCPSocket.new(ARGV[0], ARGV[1].to_i)
rescue => e
  $stderr.syswrite "ecsh-down #{e.message}\n"
  exit! 111
end
$stderr.syswrite "ecsh-up\n"
$stdout.sync = true
Thread.new do
  begin
    loop { s.write $stdin.readpartial(65536) }
  rescue EOFError
    s.close_write
  rescue SystemCallError
  end
end
begin
  loop { $stdout.write s.readpartial(65536) }
rescue EOFError
  exit! 0
rescue SystemCallError
  exit! 1
end
