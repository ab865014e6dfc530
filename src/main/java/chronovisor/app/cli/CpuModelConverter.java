package chronovisor.app.cli;

import chronovisor.cpu.CpuModel;
import chronovisor.cpu.CpuModels;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** CPU models as options: by name. Any other word, {@code help} for one, is answered with the list of them. */
final class CpuModelConverter implements ITypeConverter<CpuModel> {

    @Override
    public CpuModel convert(String name) {
        try {
            return CpuModels.named(name);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
