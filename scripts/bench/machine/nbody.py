from math import sqrt


class Body:
    def __init__(self, i):
        self.x, self.y, self.z = i * 1.1, i * -0.7, i * 0.3
        self.vx, self.vy, self.vz = 0.01 * i, 0.02 * i, -0.01 * i
        self.mass = 1.5 / i


def advance(bodies, n, dt):
    for i in range(n):
        bi = bodies[i]
        bix, biy, biz, bim = bi.x, bi.y, bi.z, bi.mass
        bivx, bivy, bivz = bi.vx, bi.vy, bi.vz
        for j in range(i + 1, n):
            bj = bodies[j]
            dx, dy, dz = bix - bj.x, biy - bj.y, biz - bj.z
            d2 = dx * dx + dy * dy + dz * dz
            mag = sqrt(d2)
            mag = dt / (mag * d2)
            bm = bj.mass * mag
            bivx = bivx - dx * bm
            bivy = bivy - dy * bm
            bivz = bivz - dz * bm
            bm = bim * mag
            bj.vx = bj.vx + dx * bm
            bj.vy = bj.vy + dy * bm
            bj.vz = bj.vz + dz * bm
        bi.vx, bi.vy, bi.vz = bivx, bivy, bivz
        bi.x, bi.y, bi.z = bix + dt * bivx, biy + dt * bivy, biz + dt * bivz


bodies = [Body(i) for i in range(1, 6)]
for _ in range(40000):
    advance(bodies, 5, 0.01)
print("%.9f" % bodies[0].x)
