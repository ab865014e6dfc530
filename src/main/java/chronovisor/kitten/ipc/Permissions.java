package chronovisor.kitten.ipc;

import chronovisor.kitten.abi.Bytes;
import chronovisor.kitten.task.Capabilities;
import chronovisor.kitten.task.UserProcess.Credentials;

/**
 * Who may use an object, and what it is found by (struct ipc_perm).
 *
 * @param key
 *            the key of ftok(3); 0 for one that is private
 * @param uid
 *            owner
 * @param creator
 *            user that made it
 * @param mode
 *            permission bits, and state bits that stat tells
 */
public record Permissions(int key, int uid, int gid, int creator, int creatorGroup, int mode) {

    /** Read for all. */
    public static final int READ = 0444;
    /** Write for all. */
    public static final int WRITE = 0222;

    /** Whether a process may access the object in the ways of {@code wanted}, bits as in a mode. */
    public boolean allows(Credentials who, int wanted) {
        if (who.can(Capabilities.IPC_OWNER)) {
            return true;
        }
        int granted = mode;
        if (who.euid() == uid || who.euid() == creator) {
            granted >>= 6;
        } else if (who.member(gid) || who.member(creatorGroup)) {
            granted >>= 3;
        }
        int requested = wanted >> 6 | wanted >> 3 | wanted;
        return (requested & ~granted & 7) == 0;
    }

    /** Whether a process may change or remove the object. */
    public boolean owns(Credentials who) {
        return who.can(Capabilities.SYS_ADMIN) || who.euid() == uid || who.euid() == creator;
    }

    public Permissions withOwner(int user, int group, int bits) {
        return new Permissions(key, user, group, creator, creatorGroup, mode & ~0777 | bits & 0777);
    }

    /** The same as of an object that is removed and still in use. */
    public Permissions removed(int state) {
        return new Permissions(0, uid, gid, creator, creatorGroup, mode | state);
    }

    /** struct ipc64_perm: 48 bytes. */
    public void encode(Bytes out, int id) {
        out.put32(key).put32(uid).put32(gid).put32(creator).put32(creatorGroup).put32(mode);
        out.put16(id >>> 15).put16(0).put32(0).put64(0).put64(0);
    }
}
