package glua

// The layout of an instruction. (The drawing in gopher-lua's opcode.go shows
// another one.)
//
//	 31     26 25     18 17      9 8       0
//	| opcode  |    A    |    C    |    B    |
//	                    |        Bx         |     18 bits, or 18 with a bias: sBx
const (
	OpcodeShift = 26
	AShift      = 18
	AMask       = 0xff << AShift
	CShift      = 9
	CMask       = 0x1ff << CShift
	BMask       = 0x1ff
	BxMask      = 0x3ffff
	sBxBias     = BxMask >> 1
	constantBit = 1 << 8 // of B or C: the rest is the number of a constant, not of a register
)

// ItemsPerFlush is how many values of a list in a constructor an OP_SETLIST stores.
const ItemsPerFlush = 50

func Opcode(inst uint32) int { return int(inst >> OpcodeShift) }
func A(inst uint32) int      { return int(inst >> AShift & 0xff) }
func B(inst uint32) int      { return int(inst & BMask) }
func C(inst uint32) int      { return int(inst >> CShift & 0x1ff) }
func Bx(inst uint32) int     { return int(inst & BxMask) }
func SBx(inst uint32) int    { return int(inst&BxMask) - sBxBias }

// Constant returns the number of the constant that an operand, B or C, names, and
// whether it names one.
func Constant(operand int) (n int, ok bool) { return operand &^ constantBit, operand&constantBit != 0 }
