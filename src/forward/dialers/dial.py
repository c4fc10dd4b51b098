import os, socket, sys, threading
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
except Exception as e:
    os.write(2, ("ecsh-down %s\n" % e).encode())
    os._exit(111)
os.write(2, b"ecsh-up\n")
def send():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            s.sendall(data)
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
t = threading.Thread(target=send)
t.daemon = True
t.start()
try:
    while True:
        data = s.recv(65536)
        if not data:
            break
        while data:
            data = data[os.write(1, data):]
except OSError:
    os._exit(1)
os._exit(0)
