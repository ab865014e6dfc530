package chronovisor.replay;

import chronovisor.environment.Environment;
import chronovisor.environment.ForwardingEnvironment;

/** Another environment, to be spoiled by a test. */
class PassingEnvironment extends ForwardingEnvironment {

    PassingEnvironment(Environment inner) {
        super(inner);
    }
}
