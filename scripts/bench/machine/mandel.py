def mandel(n):
    count = 0
    for y in range(n):
        ci = 2 * y / n - 1
        for x in range(n):
            cr = 2 * x / n - 1.5
            zr = zi = tr = ti = 0
            inside = 1
            for _ in range(50):
                zi = 2 * zr * zi + ci
                zr = tr - ti + cr
                tr = zr * zr
                ti = zi * zi
                if tr + ti > 4:
                    inside = 0
                    break
            count += inside
    return count


print(mandel(128))
