# python3 peer.py METHOD WORK [COUNT]: what the Lua scripts beside this directory do, with multiprocessing.
import multiprocessing
import sys
import time


def nothing():
    pass


def line(since):
    print("%.1f" % ((time.time() - since) * 1e6), flush=True)


def received(since, records):
    line(since)


def grow(left):
    if left == 0:
        return
    children = [context.Process(target=grow, args=(left - 1,)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()


def paced(count, target, prints):
    for _ in range(count):
        time.sleep(0.05)
        since = time.time()
        child = context.Process(target=target, args=(since,) if prints else ())
        child.start()
        child.join()
        if not prints:
            line(since)


def memory():
    children = []
    for _ in range(4):
        time.sleep(0.05)
        children.append(context.Process(target=time.sleep, args=(1000,), daemon=True))
        children[-1].start()
    time.sleep(0.2)
    for child in children:
        with open("/proc/%d/smaps_rollup" % child.pid) as rollup:
            print(next(row.split()[1] for row in rollup if row.startswith("Pss:")))


def burst(count):
    since = time.time()
    children = [context.Process(target=nothing) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("%.1f" % ((time.time() - since) / count * 1e6))


def payload(count):
    records = [{"id": i, "name": "item %d" % i, "ok": True} for i in range(1, count + 1)]
    time.sleep(0.1)
    child = context.Process(target=received, args=(time.time(), records))
    child.start()
    child.join()


def tree(depth):
    since = time.time()
    grow(depth)
    line(since)


def first():
    child = context.Process(target=nothing)
    child.start()
    child.join()


method, work = sys.argv[1:3]
context = multiprocessing.get_context(method)
if __name__ == "__main__":
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    {
        "line": lambda: paced(count, line, True),
        "join": lambda: paced(count, nothing, False),
        "memory": memory,
        "burst": lambda: burst(count),
        "payload": lambda: payload(count),
        "tree": lambda: tree(count),
        "first": first,
    }[work]()
