def mk(n):
    return [[(i - j) * (i + j) / n for j in range(1, n + 1)] for i in range(1, n + 1)]


def multiply(a, b, n):
    c = []
    for i in range(n):
        ci, ai = [], a[i]
        for j in range(n):
            s = 0
            for k in range(n):
                s = s + ai[k] * b[k][j]
            ci.append(s)
        c.append(ci)
    return c


print("%.14g" % multiply(mk(90), mk(90), 90)[2][3])
