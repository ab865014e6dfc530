# Real Racket: Racket BC, static, with both of its collectors as the paper had them, and Debian's Racket CS, dynamic.
# shellcheck shell=bash disable=SC2034,SC2154 # read, and set, by provision
#
#   source          Debian's source package, unpacked
#   bin/racket3m    the precise, moving, generational collector; its write barrier is mprotect and SIGSEGV
#   bin/racketcgc   the conservative one, which needs no write barrier
#   collects        the collections, with their compiled .zo files
#   zo              the .zo files alone: all that a guest needs
#   cs/bin/racket   Racket CS from Debian's binary package, which is dynamic
#   cs/root         what it needs in a guest's root: its loader and its libraries
#   cs/zo           its own compiled collections

about='Racket 3m and CGC (built from Debian source), collections, Racket CS (Debian binary)'
steps=(source 3m cgc collects cs)
tells=(
    [source]='fetching and unpacking the source package'
    [3m]='building Racket BC with the precise collector (some 3 minutes on two cores)'
    [cgc]='building Racket BC with the conservative collector (some 2 minutes)'
    [collects]='compiling the collections (some 2 minutes)'
    [cs]='fetching and unpacking the binary packages'
)
inputs=("$tools/provisions/compile-collects.rkt")

requirements() {
    need apt-get apt
    need dpkg-source dpkg-dev
    need dpkg-deb dpkg
    need make make
    need gcc gcc
    need_library libc.a libc6-dev
    need_library libffi.a libffi-dev
    need_library libncurses.a libncurses-dev
    need_library libtinfo.a libncurses-dev
}

# Asks apt with a private copy of the machine's sources, in which every source of packages is one of source packages too.
private_apt() {
    local apt=$work/apt file
    mkdir -p "$apt/etc" "$apt/lists/partial" "$apt/archives/partial"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        case $file in
            *.sources) sed 's/^Types:.*/Types: deb deb-src/' "$file" > "$apt/etc/${file##*/}" ;;
            *.list)
                [ ! -f "$file" ] || sed -n 's/^deb \(.*\)/deb \1\ndeb-src \1/p' "$file" > "$apt/etc/${file##*/}"
                ;;
        esac
    done
    apt_options=(-q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/etc"
        -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o "APT::Sandbox::User=$(id -un)")
    # A source that cannot be reached is no matter as long as another one has the package.
    apt-get "${apt_options[@]}" update >> "$place/apt.log" 2>&1 || true
}

make_source() {
    : > "$place/apt.log"
    private_apt
    (
        cd "$work"
        if ! apt-get "${apt_options[@]}" source --download-only racket >> "$place/apt.log" 2>&1; then
            tail -n 5 "$place/apt.log" >&2
            fail "racket: the source package cannot be fetched with the machine's apt sources"
        fi
        run "$place/apt.log" dpkg-source --no-check -x racket_*.dsc source
    )
    rm -rf "$place/source"
    mv "$work/source" "$place/source"
}

# build TARGET OPTION...: configures and builds a static Racket BC with debugging symbols.
build() {
    local target=$1 log=$place/build-$1.log
    shift
    : > "$log"
    (
        cd "$work"
        run "$log" "$place/source/src/configure" --prefix=/racket --enable-bconly --disable-gracket --enable-places \
            --enable-futures --disable-docs --disable-strip --disable-libs "$@" CFLAGS='-O2 -g -static' LDFLAGS=-static
        run "$log" env ZUO_JOBS="$(getconf _NPROCESSORS_ONLN)" make "$target"
    )
    mkdir -p "$place/bin"
    mv "$work/bc/racket$target" "$place/bin/racket$target"
}

make_3m() { build 3m; }

make_cgc() { build cgc --enable-cgcdefault; }

make_collects() {
    local log=$place/collects.log
    : > "$log"
    cp -r "$place/source/collects" "$work/collects"
    (
        cd "$work"
        cp "${inputs[0]}" compile-collects.rkt
        run "$log" "$place/bin/racket3m" -y -X collects -G "$work" -A "$work" -u compile-collects.rkt collects
        mkdir zo
        cd collects
        find . -name '*.zo' -print0 | tar -c --null -T - | tar -x -C ../zo
    )
    rm -rf "$place/collects" "$place/zo"
    mv "$work/collects" "$place/collects"
    mv "$work/zo" "$place/zo"
}

make_cs() {
    local package library
    private_apt
    (
        cd "$work"
        for package in racket racket-common libc6 liblz4-1 zlib1g; do
            run "$place/apt.log" apt-get "${apt_options[@]}" download "$package"
            dpkg-deb -x "$package"_*.deb unpacked
        done
        mkdir -p cs/bin cs/zo cs/root/lib64 cs/root/lib/x86_64-linux-gnu
        mv unpacked/usr/bin/racket cs/bin/racket
        # Debian has some of them in /lib and some in /usr/lib, which are one folder in an installation.
        for library in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libz.so.1 liblz4.so.1; do
            cp -L "$(find unpacked/lib unpacked/usr/lib -name "$library" -path '*x86_64-linux-gnu*' | head -n 1)" \
                "cs/root/lib/x86_64-linux-gnu/$library"
        done
        ln -s /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 cs/root/lib64/ld-linux-x86-64.so.2
        # The compiled files go beside their modules' places, so that no configuration has to tell where they are.
        cd unpacked/usr/lib/racket/compiled/usr/share/racket/collects
        find . -name '*.zo' -print0 | tar -c --null -T - | tar -x -C "$work/cs/zo"
    )
    rm -rf "$place/cs"
    mv "$work/cs" "$place/cs"
}
