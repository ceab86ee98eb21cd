//go:build !portable

#include "textflag.h"

// quit is what the kernel calls for SIGQUIT: it notes that, and writes a one to the eventfd.
// What write(2) says, -1 is no descriptor for one, nobody needs.
TEXT quit<>(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVW	$1, R3
	MOVW	R3, ·quitCame(SB)
	MOVW	·quitFd(SB), R0
	MOVD	$one<>(SB), R1
	MOVD	$8, R2
	MOVD	$64, R8 // write
	SVC
	RET

GLOBL	one<>(SB), RODATA, $8
DATA	one<>(SB)/8, $1

DATA	·quitHandler(SB)/8, $quit<>(SB)
GLOBL	·quitHandler(SB), NOPTR, $8
