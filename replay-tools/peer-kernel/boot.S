/* From multiboot's 32-bit protected mode to 64-bit mode; traps; SYSCALL. */
        .section .multiboot, "a"
        .balign 4
        .long   0x1BADB002              /* magic, flags: memory and module information; minus their sum */
        .long   0x00000003
        .long   -(0x1BADB002 + 0x00000003)

        .text
        .code32
        .globl  start
start:  cli
        mov     $stack_end, %esp
        mov     %ebx, boot_info
        /* 4 GiB, each 2 MiB page onto itself, user, writable */
        mov     $0, %ecx
1:      mov     %ecx, %eax
        shl     $21, %eax
        or      $0x87, %eax
        mov     %eax, directories(, %ecx, 8)
        inc     %ecx
        cmp     $2048, %ecx
        jne     1b
        mov     $directories + 7, %eax
        mov     $pointers, %edi
        mov     $4, %ecx
2:      mov     %eax, (%edi)
        add     $4096, %eax
        add     $8, %edi
        loop    2b
        movl    $pointers + 7, top
        mov     $top, %eax
        mov     %eax, %cr3
        mov     %cr4, %eax
        or      $0x620, %eax            /* PAE, OSFXSR, OSXMMEXCPT */
        mov     %eax, %cr4
        mov     $0xC0000080, %ecx       /* EFER: long mode, SYSCALL */
        rdmsr
        or      $0x101, %eax
        wrmsr
        mov     %cr0, %eax
        and     $~0xC, %eax             /* no EM, no TS */
        or      $0x80000022, %eax       /* PG, NE, MP */
        mov     %eax, %cr0
        lgdt    gdt_pointer
        ljmp    $8, $long_mode

        .code64
long_mode:
        mov     $16, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $tss, %eax
        mov     %ax, gdt + 42
        shr     $16, %eax
        mov     %al, gdt + 44
        mov     %ah, gdt + 47
        mov     $40, %eax
        ltr     %ax
        /* 32 traps, each to its own stub */
        mov     $0, %ecx
3:      imul    $16, %rcx, %rax
        lea     stubs(%rax), %rdx
        lea     idt(%rax), %rdi
        mov     %dx, (%rdi)
        movw    $8, 2(%rdi)
        movw    $0x8E01, 4(%rdi)        /* on the stack of IST 1 */
        shr     $16, %rdx
        movw    %dx, 6(%rdi)
        inc     %ecx
        cmp     $32, %ecx
        jne     3b
        lidt    idt_pointer
        mov     $0xC0000081, %ecx       /* STAR: kernel 8, user 0x1B with SS at +8 and CS at +16 */
        xor     %eax, %eax
        mov     $0x00130008, %edx
        wrmsr
        mov     $0xC0000082, %ecx       /* LSTAR */
        mov     $syscall_entry, %eax
        xor     %edx, %edx
        wrmsr
        mov     $0xC0000084, %ecx       /* SFMASK: all off */
        mov     $0x47700, %eax
        wrmsr
        mov     boot_info, %edi
        call    main

        /* RSP is the program's: there is one thread, and nothing interrupts */
syscall_entry:
        mov     %rsp, user_rsp
        mov     $stack_end, %rsp
        push    %rcx
        push    %r11
        push    %rdi
        push    %rsi
        push    %rdx
        push    %r10
        push    %r8
        push    %r9
        mov     %r8, %r9
        mov     %r10, %r8
        mov     %rdx, %rcx
        mov     %rsi, %rdx
        mov     %rdi, %rsi
        mov     %rax, %rdi
        call    call
        pop     %r9
        pop     %r8
        pop     %r10
        pop     %rdx
        pop     %rsi
        pop     %rdi
        pop     %r11
        pop     %rcx
        mov     user_rsp, %rsp
        sysretq

        .globl  enter
enter:  mov     %rdi, %rcx
        mov     %rsi, %rsp
        mov     $2, %r11                /* interrupts stay off */
        xor     %edx, %edx              /* nothing for atexit */
        xor     %ebp, %ebp
        sysretq

        .globl  set_fs
set_fs: mov     %rdi, %rdx
        shr     $32, %rdx
        mov     %edi, %eax
        mov     $0xC0000100, %ecx
        wrmsr
        ret

        .balign 16
stubs:
        .set    vector, 0
        .rept   32
        .balign 16
        mov     $vector, %edi
        jmp     trapped
        .set    vector, vector + 1
        .endr
trapped:
        mov     %rsp, %rsi
        mov     %cr2, %rdx
        call    trap

        .data
        .balign 16
gdt:    .quad   0
        .quad   0x00AF9A000000FFFF      /* 8  kernel code */
        .quad   0x00CF92000000FFFF      /* 16 kernel data */
        .quad   0x00CFF2000000FFFF      /* 24 user data */
        .quad   0x00AFFA000000FFFF      /* 32 user code */
        .quad   0x0000890000000067      /* 40 TSS, its address is put in */
        .quad   0
gdt_pointer:
        .word   . - gdt - 1
        .quad   gdt
idt_pointer:
        .word   32 * 16 - 1
        .quad   idt
        .globl  boot_info
boot_info: .quad 0
user_rsp: .quad 0
tss:    .skip   36
        .quad   trap_stack_end          /* IST 1 */
        .skip   104 - 44

        .bss
        .balign 4096
top:    .skip   4096
pointers: .skip 4096
directories: .skip 16384
idt:    .skip   32 * 16
        .balign 16
        .skip   65536
stack_end:
        .skip   16384
trap_stack_end:
