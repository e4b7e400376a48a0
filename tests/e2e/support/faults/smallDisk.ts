import type { Suite } from "../suite/suite";

/** Where the file system itself is mounted on its host. */
const root = "/run/kha-disk";

/** More than is needed of it; memory is only taken for what is written. */
const size = "1g";

/** Gives it no more than what is in it: from then on not one block is free. What is being written meanwhile is tried again. */
const fill = `for i in {1..100}; do
  mount -o remount,size=$(df -k --output=used ${root} | tail -n 1 | tr -d ' ')k ${root} && exit 0
done
exit 1`;

/** A file system of its own that some of a host's folders lie on, as on a machine whose /var has a small disk. */
export interface SmallDisk {
  /** Puts it in, with folders on it (absolute paths): what is in them comes along. */
  attach(folders: readonly string[]): Promise<void>;
  /** Lets it become full at once when a step says something: a line of the host's journal that begins like this. */
  fillWhen(beginning: string): Promise<void>;
  /** KiB that are free on it. */
  free(): Promise<number>;
  /** Makes room on it. */
  makeRoom(): Promise<void>;
  /** Puts folders back to the host's own disk, with what is in them. Harmless where they are. */
  giveBack(folders: readonly string[]): Promise<void>;
}

/** Such a disk for a host. */
export function smallDisk(suite: Suite, host: string): SmallDisk {
  return {
    async attach(folders) {
      await suite.outputOf(
        host,
        `mkdir -p ${root} && mount -t tmpfs -o size=${size},mode=0755 kha-disk ${root}`,
      );
      for (const folder of folders) {
        const own = `${root}${folder}`;
        await suite.outputOf(
          host,
          `mkdir -p ${folder} ${own} && cp -a ${folder}/. ${own}/ && mount --bind ${own} ${folder}`,
        );
      }
    },
    async fillWhen(beginning) {
      const follow = "journalctl -t kubeadm-ha --since now --follow -o cat --no-pager";
      const watch = `sed -u '/^${beginning}/q' < <(exec timeout 900 ${follow})\n${fill}`;
      await suite.outputOf(
        host,
        "cat > /run/kha-fill && systemd-run --quiet --collect --unit kha-fill bash /run/kha-fill",
        watch,
      );
    },
    async free() {
      return Number(await suite.outputOf(host, `df -k --output=avail ${root} | tail -n 1`));
    },
    async makeRoom() {
      await suite.outputOf(host, `mount -o remount,size=${size} ${root}`);
    },
    async giveBack(back) {
      for (const folder of back) {
        await suite.outputOf(
          host,
          `! mountpoint -q ${folder} || { umount ${folder} && cp -a ${root}${folder}/. ${folder}/ && chmod --reference=${root}${folder} ${folder}; }`,
        );
      }
    },
  };
}
