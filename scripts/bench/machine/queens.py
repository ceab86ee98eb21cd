N, solutions = 8, 0


def ok(a, n, c):
    for i in range(1, n):
        ai = a[i]
        if ai == c or ai - i == c - n or ai + i == c + n:
            return False
    return True


def add(a, n):
    global solutions
    if n > N:
        solutions += 1
        return
    for c in range(1, N + 1):
        if ok(a, n, c):
            a[n] = c
            add(a, n + 1)


for _ in range(3):
    add([0] * (N + 1), 1)
print(solutions)
