/* A guest that is its own kernel: from multiboot's protected mode, or on other cores from real mode, to 64-bit mode. */
        .section .multiboot, "a"
        .balign 4
        .long   0x1BADB002              /* magic; modules at pages and a memory map; minus their sum */
        .long   0x00000003
        .long   -(0x1BADB002 + 0x00000003)

        .text
        .code32
        .globl  start
start:  cli
        mov     $stacks + 8192, %esp
        mov     %ebx, boot_info
        /* 4 GiB, each 2 MiB page onto itself */
        xor     %ecx, %ecx
1:      mov     %ecx, %eax
        shl     $21, %eax
        or      $0x83, %eax
        mov     %eax, directories(, %ecx, 8)
        inc     %ecx
        cmp     $2048, %ecx
        jne     1b
        mov     $directories + 3, %eax
        mov     $pointers, %edi
        mov     $4, %ecx
2:      mov     %eax, (%edi)
        add     $4096, %eax
        add     $8, %edi
        loop    2b
        movl    $pointers + 3, top
        lgdt    gdt_pointer
        call    long_mode
        mov     $16, %eax
        mov     %eax, %ss
        ljmp    $8, $first

/* Turns paging and long mode on; the code is of 32 bits until the next far jump. */
long_mode:
        mov     $top, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $0x620, %eax            /* PAE, OSFXSR, OSXMMEXCPT */
        mov     %eax, %cr4
        mov     $0xC0000080, %ecx       /* EFER.LME */
        rdmsr
        or      $0x100, %eax
        wrmsr
        mov     %cr0, %eax
        and     $0x9FFFFFF3, %eax       /* no CD, NW, EM, TS */
        or      $0x80000022, %eax       /* PG, NE, MP */
        mov     %eax, %cr0
        ret

        .code64
first:  mov     boot_info, %edi
        call    main
        cli
        hlt

/* Another core: its number is drawn, its stack is 8 KiB of that number. */
other:  mov     $1, %eax
        lock xadd %eax, started
        inc     %eax
        mov     %eax, %edi
        inc     %eax
        shl     $13, %eax
        lea     stacks(%rax), %rsp
        call    other_core
        cli
        hlt

/* The page at which cores start: copied below 1 MiB. */
        .code16
        .globl  trampoline, trampoline_end
trampoline:
        cli
        xor     %ax, %ax
        mov     %ax, %ds
        lgdtl   TRAMPOLINE_PAGE + trampoline_gdt - trampoline
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmpl   $24, $TRAMPOLINE_PAGE + protected - trampoline
        .code32
protected:
        mov     $16, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $TRAMPOLINE_PAGE + 0xFF0, %esp
        mov     $long_mode, %eax
        call    *%eax
        ljmp    $8, $other
        .balign 4
trampoline_gdt:
        .word   31
        .long   gdt
trampoline_end:

        .code64
        .balign 16
        .globl  stubs
stubs:
        .set    vector, 0
        .rept   256
        .balign 16
        .if     vector != 8 && (vector < 10 || vector > 14) && vector != 17
        push    $0
        .endif
        push    $vector
        jmp     entered
        .set    vector, vector + 1
        .endr
entered:
        push    %rax
        push    %rcx
        push    %rdx
        push    %rsi
        push    %rdi
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        mov     72(%rsp), %rdi
        mov     80(%rsp), %rsi
        lea     88(%rsp), %rdx
        cld
        call    entry
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rdi
        pop     %rsi
        pop     %rdx
        pop     %rcx
        pop     %rax
        add     $16, %rsp
        iretq

        .data
        .balign 16
gdt:    .quad   0
        .quad   0x00AF9A000000FFFF      /* 8  code */
        .quad   0x00CF92000000FFFF      /* 16 data */
        .quad   0x00CF9A000000FFFF      /* 24 32-bit code */
gdt_pointer:
        .word   . - gdt - 1
        .quad   gdt
        .globl  boot_info, started
boot_info: .quad 0
started: .long  0

        .bss
        .balign 4096
        .globl  top, directories
top:    .skip   4096
pointers: .skip 4096
directories: .skip 16384
stacks: .skip   8192 * 17
