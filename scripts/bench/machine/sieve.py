def sieve():
    count = 0
    for _ in range(4):
        flags = [True] * 200001
        for i in range(2, 200001):
            if flags[i]:
                for k in range(i + i, 200001, i):
                    flags[k] = False
                count += 1
    return count


print(sieve())
