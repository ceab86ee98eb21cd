# python3 pool.py WORK COUNT: what ../pool.lua does, with multiprocessing's Pool and concurrent.futures.
import time

began = time.monotonic()

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def inc(n):
    return n + 1


def nap(seconds):
    time.sleep(seconds)


def timed(f, *args):
    since = time.monotonic()
    f(*args)
    return (time.monotonic() - since) * 1e6


def say(microseconds):
    print("%.1f" % microseconds, flush=True)


def end(pool):
    pool.close()
    pool.join()


def main(work, count):
    if work == "pool-submit":
        with ProcessPoolExecutor(2, mp_context=context) as executor:
            list(executor.map(inc, range(100)))
            for i in range(count):
                say(timed(lambda: executor.submit(inc, i).result()))
        return
    pool = context.Pool(2)
    if work == "pool-first":
        pool.map(inc, [1, 2])
        say((time.monotonic() - began) * 1e6)
        pool.terminate()
        return
    pool.map(inc, list(range(100)), 1)
    if work == "pool-apply":
        for i in range(count):
            say(timed(pool.apply, inc, (i,)))
    elif work == "pool-one":
        say(timed(pool.map, inc, list(range(count)), 1))
    elif work == "pool-tiny":
        items = list(range(count))
        for _ in range(3):
            say(timed(pool.map, inc, items))
    elif work == "pool-large":
        items = ["x" * 2**20 + str(i) for i in range(count)]
        for _ in range(5):
            say(timed(pool.map, len, items))
    elif work in ("pool-rising", "pool-rising-all"):
        items = [0.0001 + 0.0199 * i / max(count - 1, 1) for i in range(count)]
        if work == "pool-rising":
            say(timed(pool.map, nap, items, 1) - sum(items) / 2 * 1e6)
        else:
            say(timed(pool.map, nap, items))
    elif work == "pool-end":
        time.sleep(0.05)
        say(timed(end, pool))
        for _ in range(count - 1):
            pool = context.Pool(2)
            pool.map(inc, [1, 2])
            time.sleep(0.05)
            say(timed(end, pool))
    pool.terminate()


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    main(sys.argv[1], int(sys.argv[2]))
