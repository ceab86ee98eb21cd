class Account:
    def __init__(self, b):
        self.balance = b
        self.log = 0

    def deposit(self, v):
        self.balance = self.balance + v
        self.log = self.log + 1
        return self

    def get(self):
        return self.balance


class Special(Account):
    pass


def main():
    s, a = Special(0), Account(0)
    total = 0.0
    for i in range(1, 700001):
        s.deposit(i)
        a.deposit(1)
        total = total + s.get()
    print("%.14g\t%d" % (total, a.get()))


main()
