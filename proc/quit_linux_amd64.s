//go:build !portable

#include "textflag.h"

// quit is what the kernel calls for SIGQUIT: it notes that, and writes a one to the eventfd.
// What write(2) says, -1 is no descriptor for one, nobody needs.
TEXT quit<>(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVL	$1, ·quitCame(SB)
	MOVLQSX	·quitFd(SB), DI
	LEAQ	one<>(SB), SI
	MOVL	$8, DX
	MOVL	$1, AX // write
	SYSCALL
	RET

GLOBL	one<>(SB), RODATA, $8
DATA	one<>(SB)/8, $1

DATA	·quitHandler(SB)/8, $quit<>(SB)
GLOBL	·quitHandler(SB), NOPTR, $8
