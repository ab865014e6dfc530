package chronovisor.jit;

import chronovisor.cpu.Region;
import chronovisor.cpu.Step;
import chronovisor.cpu.Translation;
import chronovisor.cpu.Unit;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a class of a region. */
final class RegionCompiler {
    /** HotSpot compiles no method that is larger (its HugeMethodLimit), and does badly near it. */
    static final int METHOD_BYTES_MAX = 7_900;

    private static final ClassDesc CLASS = ClassDesc.of("chronovisor.cpu.Translated");
    private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(ConstantDescs.CD_void, Names.TRANSLATION,
            Names.CODE_BLOCK.arrayType());

    /** Calls after which HotSpot has queued the method for its quick compiler (Tier3InvocationThreshold). */
    private static final int TOUCHES = 220;

    private RegionCompiler() {}

    /**
     * A translation of the region, or of a part of it that is not too large; null when not even its first block is small enough.
     *
     * @param warm have HotSpot compile it before it is first run
     */
    static @Nullable Translation compile(Region region, boolean warm) {
        TlbAccess.define();
        Region part = region;
        while (true) {
            UnitEmitter emitter = new UnitEmitter(part);
            byte[] bytes = bytes(emitter);
            if (length(bytes) <= METHOD_BYTES_MAX) {
                Translation translation = define(part, emitter, bytes);
                if (warm) {
                    warm(translation);
                }
                return translation;
            }
            if (part.blocks().size() == 1) {
                return null;
            }
            part = smaller(part);
        }
    }

    private static int length(byte[] bytes) {
        return ClassFile.of().parse(bytes).methods().stream()
                .mapToInt(m -> m.findAttribute(Attributes.code()).map(CodeAttribute::codeLength).orElse(0)).max()
                .orElse(0);
    }

    /** The half of the blocks that is nearest to the hot one. */
    private static Region smaller(Region region) {
        int count = region.blocks().size() / 2;
        int[] entries = java.util.Arrays.stream(region.entries()).filter(e -> e < count).toArray();
        return new Region(List.copyOf(region.blocks().subList(0, count)), entries, region.recording());
    }

    private static byte[] bytes(UnitEmitter emitter) {
        return ClassFile.of().build(CLASS, c -> c
                .withSuperclass(Names.UNIT)
                .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                .withMethodBody(ConstantDescs.INIT_NAME, CONSTRUCTOR, 0, b -> b
                        .aload(0).aload(1).aload(2)
                        .invokespecial(Names.UNIT, ConstantDescs.INIT_NAME, CONSTRUCTOR)
                        .return_())
                .withMethodBody("run", Names.RUN, ClassFile.ACC_FINAL, emitter::emit));
    }

    private static Translation define(Region region, UnitEmitter emitter, byte[] bytes) {
        try {
            List<Step> steps = emitter.steps();
            MethodHandles.Lookup unit = Unit.lookup().defineHiddenClassWithClassData(bytes, steps, true);
            MethodType type = MethodType.fromMethodDescriptorString(CONSTRUCTOR.descriptorString(),
                    Unit.class.getClassLoader());
            MethodHandle constructor = unit.findConstructor(unit.lookupClass(), type)
                    .asType(type.changeReturnType(Unit.class));
            return new Translation(region, constructor, emitter.siteBlocks(), emitter.siteWords(),
                    emitter.siteLoops());
        } catch (IllegalAccessException | NoSuchMethodException e) {
            throw new IllegalStateException("a class of translated code was refused", e);
        }
    }

    /** Has HotSpot compile the method before it is first run: its own interpreter would be slower than ours. */
    private static void warm(Translation translation) {
        Unit idle = translation.idle();
        int sum = 0;
        for (int i = 0; i < TOUCHES; i++) {
            sum += idle.touch();
        }
        if (sum != -TOUCHES) {
            throw new IllegalStateException("a unit ran where it had nothing to do");
        }
    }
}
