"""The relay and the router by themselves: what they are told to do to a connection is what happens,
and nothing else does."""
import hashlib
import random
import socket
import threading
import time

from network_fixture import eventually, require
from validators import PEER_PORT, Between, inside, may_make_namespaces

DELAY_US = 20_000
LOSS_PPM = 50_000
BYTES = 400_000


def receive(connection, size):
    parts = []
    while size > 0:
        part = connection.recv(min(size, 65_536))
        require(part, "the connection ended early")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def arrived(connection):
    """What is there now."""
    connection.setblocking(False)
    try:
        return connection.recv(65_536)
    except BlockingIOError:
        return None
    finally:
        connection.settimeout(20)


def joined(listener, address):
    """Both ends of a new connection."""
    dialler = socket.create_connection(address, timeout=20)
    accepted, _ = listener.accept()
    accepted.settimeout(20)
    return dialler, accepted


def transfer(a, b, seed):
    """Bytes from a to b as they were sent; how long it took."""
    sent = random.Random(seed).randbytes(BYTES)
    begin = time.monotonic()
    sender = threading.Thread(target=a.sendall, args=(sent,))
    sender.start()
    got = receive(b, BYTES)
    sender.join()
    require(hashlib.sha256(got).digest() == hashlib.sha256(sent).digest(), "other bytes arrived")
    return time.monotonic() - begin


def test_relay():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        relay = Between("relay", 1, 2, f"0:1:{listener.getsockname()[1]}")
        door = ("127.0.0.1", relay.lines[0][2])
        a, b = joined(listener, door)
        relay.order("delay", 0, 1, DELAY_US, 5_000)
        require(transfer(a, b, 1) >= DELAY_US / 1e6, "sooner than told")
        transfer(b, a, 2)
        one_way(relay, a, b)
        # A break: both ends see it. A door that refuses lets nobody in, and then does again.
        relay.order("reset", 0, 1)
        for end in (a, b):
            require(ended(end), "a connection outlives its reset")
        relay.order("refuse", 1, 0)
        require(ended(socket.create_connection(door, timeout=20)), "a refused door lets in")
        relay.order("accept", 1, 0)
        a, b = joined(listener, door)
        transfer(a, b, 3)
        # An end arrives as an end.
        a.close()
        require(b.recv(1) == b"", "an end did not arrive")
        relay.end()


def one_way(relay, a, b):
    relay.order("cut", 0, 1)
    a.sendall(b"later")
    b.sendall(b"now")
    require(receive(a, 3) == b"now", "the other direction")
    time.sleep(3 * DELAY_US / 1e6)
    require(arrived(b) is None, "a cut direction delivers")
    relay.order("mend", 0, 1)
    require(receive(b, 5) == b"later", "what was held back is lost")
    relay.order("stall", 0, 1, 50)
    begin = time.monotonic()
    a.sendall(b"x")
    receive(b, 1)
    require(time.monotonic() - begin >= 0.045, "sooner than stalled")


def ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_router():
    why = may_make_namespaces()
    if why:
        print(f"SKIPPED between: the router: {why}")
        return
    router = Between("router", 1, 2)
    spaces = [f"/proc/{pid}/fd/{fd}" for _, pid, fd in router.lines]
    with inside(spaces[1], lambda: socket.create_server(("10.77.0.2", PEER_PORT))) as listener:
        listener.settimeout(60)
        door = ("10.77.0.2", PEER_PORT)
        a = inside(spaces[0], lambda: socket.create_connection(door, timeout=60))
        b, _ = listener.accept()
        transfer(a, b, 4)
        _, lost, overflowed = counted(router)
        require(lost == 0 and overflowed == 0, f"{lost} and {overflowed} packets lost unasked")
        router.everywhere(2, "delay", DELAY_US, 2_000)
        require(transfer(a, b, 5) >= DELAY_US / 1e6, "sooner than told")
        router.everywhere(2, "loss", LOSS_PPM)
        transfer(a, b, 6)
        transfer(b, a, 7)
        passed, lost, _ = counted(router)
        require(0 < lost < passed, f"{lost} of {passed} packets lost")
        router.everywhere(2, "loss", 0)
        router.order("cut", 0, 1)
        a.sendall(b"later")
        eventually(lambda: counted(router)[1] > lost, "a packet meets the cut")
        require(arrived(b) is None, "a cut direction delivers")
        router.order("mend", 0, 1)
        require(receive(b, 5) == b"later", "TCP sends again")
    router.end()


def counted(router):
    return [int(word) for word in router.order("count", 0, 1).split()]


def test():
    test_relay()
    test_router()
