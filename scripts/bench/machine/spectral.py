from math import sqrt


def A(i, j):
    ij = i + j - 1
    return 1.0 / (ij * (ij - 1) * 0.5 + i)


def Av(x, y, N):
    for i in range(1, N + 1):
        a = 0
        for j in range(1, N + 1):
            a = a + x[j] * A(i, j)
        y[i] = a


def Atv(x, y, N):
    for i in range(1, N + 1):
        a = 0
        for j in range(1, N + 1):
            a = a + x[j] * A(j, i)
        y[i] = a


def main():
    N = 160
    u, v, t = [1] * (N + 1), [0] * (N + 1), [0] * (N + 1)
    for _ in range(10):
        Av(u, t, N)
        Atv(t, v, N)
        Av(v, t, N)
        Atv(t, u, N)
    vBv = vv = 0
    for i in range(1, N + 1):
        vBv = vBv + u[i] * v[i]
        vv = vv + v[i] * v[i]
    print("%0.9f" % sqrt(vBv / vv))


main()
