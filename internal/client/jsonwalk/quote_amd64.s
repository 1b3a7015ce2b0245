//go:build !purego

#include "textflag.h"

// func quoteWide(b []byte) int
TEXT ·quoteWide(SB), NOSPLIT, $0-32
	MOVQ b_base+0(FP), SI
	MOVQ b_len+8(FP), CX
	MOVL $0x22, AX // "
	MOVQ AX, X0
	VPBROADCASTB X0, Y0
	MOVL $0x5c, AX // \
	MOVQ AX, X1
	VPBROADCASTB X1, Y1
	MOVQ $2, DI
	SUBQ $65, CX

block:
	CMPQ DI, CX
	JG   end
	VPCMPEQB (SI)(DI*1), Y0, Y2
	VPCMPEQB -1(SI)(DI*1), Y1, Y3
	VPCMPEQB -2(SI)(DI*1), Y1, Y4
	VPANDN   Y3, Y4, Y3 // a backslash before that has none before it
	VPANDN   Y2, Y3, Y2 // a quote without such a one
	VPCMPEQB 32(SI)(DI*1), Y0, Y5
	VPCMPEQB 31(SI)(DI*1), Y1, Y6
	VPCMPEQB 30(SI)(DI*1), Y1, Y7
	VPANDN   Y6, Y7, Y6
	VPANDN   Y5, Y6, Y5
	VPOR     Y2, Y5, Y8
	VPTEST   Y8, Y8
	JNZ      found
	ADDQ     $64, DI
	JMP      block

found:
	VPMOVMSKB Y2, AX
	VPMOVMSKB Y5, DX
	SHLQ      $32, DX
	ORQ       DX, AX
	BSFQ      AX, AX
	ADDQ      AX, DI

end:
	VZEROUPPER
	MOVQ DI, ret+24(FP)
	RET
