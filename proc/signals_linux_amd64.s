//go:build !portable

#include "textflag.h"

// handler is what the kernel calls for signals that may be faults, or that the runtime or libc may send:
//
//	handler(DI: number, SI: siginfo, DX: context)
//
// siginfo holds the number, an error, a code and, where a process has sent it, that
// one's pid, each of 4 bytes, and 4 bytes of padding before the pid. Codes of 0
// (kill), -1 (sigqueue) and -6 (tgkill) are sent by a process.
TEXT handler<>(SB),NOSPLIT|NOFRAME|TOPFRAME,$0
	MOVL	8(SI), AX
	CMPL	AX, $0
	JEQ	sent
	CMPL	AX, $-1
	JEQ	sent
	CMPL	AX, $-6
	JNE	pass
sent:
	MOVL	16(SI), AX
	CMPL	AX, ·self(SB)
	JEQ	pass
	// rt_sigaction(number, the default action, nil, 8), and the signal once more. It
	// is blocked until this returns.
	MOVL	DI, R12 // nothing of the caller's is needed any more
	LEAQ	defaults<>(SB), SI
	MOVL	$0, DX
	MOVL	$8, R10
	MOVL	$13, AX
	SYSCALL
	MOVL	$186, AX // gettid
	SYSCALL
	MOVL	·self(SB), DI
	MOVL	AX, SI
	MOVL	R12, DX
	MOVL	$234, AX // tgkill
	SYSCALL
	RET
pass:
	MOVL	DI, CX
	LEAQ	·handlers(SB), AX
	MOVQ	(AX)(CX*8), AX
	JMP	AX

GLOBL	defaults<>(SB), RODATA, $32

DATA	·handler(SB)/8, $handler<>(SB)
GLOBL	·handler(SB), NOPTR, $8
