use strict; use Socket qw(getaddrinfo SOCK_STREAM);
my ($host, $port) = @ARGV;
my ($fault, @found) = getaddrinfo($host, $port, { socktype => SOCK_STREAM });
my ($socket, $why) = (undef, $fault || "no address");
for (@found) {
  socket(my $try, $_->{family}, $_->{socktype}, $_->{protocol}) or next;
  if (connect($try, $_->{addr})) { $socket = $try; last }
  $why = $!;
}
unless ($socket) { print STDERR "ecsh-down $why\n"; exit 111 }
syswrite STDERR, "ecsh-up\n";
sub pass {
  my ($from, $to) = @_;
  while (1) {
    my $got = sysread($from, my $data, 65536);
    return defined $got if !$got;
    for (my $at = 0; $at < $got;) {
      my $put = syswrite($to, $data, $got - $at, $at);
      return 0 unless defined $put;
      $at += $put;
    }
  }
}
my $child = fork;
unless ($child) { pass(\*STDIN, $socket); shutdown($socket, 1); exit }
my $ok = pass($socket, \*STDOUT);
kill "KILL", $child;
exit($ok ? 0 : 1);
