package chronovisor.journal;

import chronovisor.journal.chronicle.ChronicleTail;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Journals as Reactor streams. Batches come as they are asked for: a slow consumer holds the reading back. */
public final class JournalFlux {

    private static final Duration POLL = Duration.ofMillis(10);

    private JournalFlux() {}

    /** The records of a journal as it is on disk, in order; damage is the stream's error. */
    public static Flux<JournalRecord> records(Path folder) {
        return Flux.generate(() -> JournalReader.open(folder), (reader, sink) -> {
            JournalRecord next = reader.next();
            if (next == null) {
                sink.complete();
            } else {
                sink.next(next);
            }
            return reader;
        }, JournalReader::close);
    }

    /** The batches of events of a journal as it is on disk. */
    public static Flux<List<GuestEvent>> events(Path folder) {
        return records(folder).filter(record -> record.type() == RecordType.EVENTS).map(JournalRecord::events);
    }

    /**
     * The batches of events of a journal while it is being written, through a Chronicle tailer: what is there, then what
     * comes. Completes after the record that ends the run.
     */
    public static Flux<List<GuestEvent>> tail(Path folder) {
        return Flux.using(() -> new TailReader(new ChronicleTail(folder)), tail -> Flux.defer(() -> drain(tail))
                .repeatWhen(rounds -> rounds.delayElements(POLL).takeWhile(round -> !tail.ended())), TailReader::close)
                .delaySubscription(Mono.defer(() -> exists(folder)).repeatWhenEmpty(tries -> tries.delayElements(POLL)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static Mono<Path> exists(Path folder) {
        return Files.isDirectory(folder) && !JournalReader.segments(folder).isEmpty()
                ? Mono.just(folder)
                : Mono.empty();
    }

    private static Flux<List<GuestEvent>> drain(TailReader tail) {
        return Flux.generate(sink -> {
            Optional<List<GuestEvent>> batch = tail.next();
            if (batch.isPresent()) {
                sink.next(batch.get());
            } else {
                sink.complete();
            }
        });
    }
}
