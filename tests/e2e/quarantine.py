"""R3 on real processes: a journal that is damaged, removed, or put back in an older copy. The node
refuses to start; in quarantine it follows, then votes again, and contradicts nothing."""
import json
import os
import re
import shutil

from network_fixture import Network, eventually, require, sanad


class Declarations:
    """Made ones, a few at a time; a member whose node is down declares nothing."""

    def __init__(self, network):
        self.network = network
        with open(network.generate(4_000)) as file:
            self.lines = file.readlines()

    def declare(self, count, down=None):
        path = self.network.path("some.jsonl")
        some = [line for line in self.lines if json.loads(line)["member"] != down][:count]
        self.lines = [line for line in self.lines if line not in set(some)]
        with open(path, "w") as file:
            file.writelines(some)
        sanad("import", "lines", path, "--network", self.network.folder, "--batch", "5",
              "--in-flight", "1", "--patience-s", "120", timeout=300)


def flip_a_bit(network, member, _):
    folder = network.data(member, "journal")
    segment = os.path.join(folder, sorted(os.listdir(folder))[0])
    with open(segment, "r+b") as file:
        file.seek(300)
        byte = file.read(1)[0]
        file.seek(300)
        file.write(bytes([byte ^ 4]))


def remove(network, member, _):
    shutil.rmtree(network.data(member, "journal"))
    os.remove(network.data(member, "journal.generation"))


def put_an_older_copy_back(network, member, copy):
    remove(network, member, copy)
    shutil.copytree(os.path.join(copy, "journal"), network.data(member, "journal"))
    shutil.copy(os.path.join(copy, "journal.generation"), network.data(member, ""))


def lose_everything(network, member, _):
    shutil.rmtree(network.data(member))
    os.mkdir(network.data(member))


def keep_a_copy(network, member):
    copy = network.path("copy")
    shutil.copytree(network.data(member, "journal"), os.path.join(copy, "journal"))
    shutil.copy(network.data(member, "journal.generation"), copy)
    return copy



def test():
    with Network(4) as network:
        network.up()
        members = network.members()
        made = Declarations(network)
        made.declare(40)
        forgetful = members[1]
        network.down(forgetful)
        copy = keep_a_copy(network, forgetful)
        network.up(forgetful)
        harms = [flip_a_bit, remove, put_an_older_copy_back, lose_everything]
        for harm in harms:
            made.declare(40)
            network.kill(forgetful)
            made.declare(40, down=forgetful)
            harm(network, forgetful, copy)
            if harm is not lose_everything:  # that of a node that never ran looks the same
                refused(network, forgetful)
            network.up(forgetful, wait=False, quarantine="vote-later")
            # Every block takes it nearer to its first vote.
            eventually(lambda: votes_after_more(network, forgetful, made), "it votes again")
            # Three of four are a quorum only with it.
            network.kill(members[3])
            made.declare(40, down=members[3])
            network.up(members[3])
            print(f"{harm.__name__}: refused, followed, voted again", flush=True)
        common = network.settled()
        for member in members:
            sanad("reconcile", "--network", network.folder, "--as", member)
        no_evidence(network, members)
        print(f"{len(harms)} journals lost, {common}")


def refused(network, member):
    network.up(member, wait=False)
    eventually(lambda: not network.running(member), f"{member} does not start")
    with open(os.path.join(network.folder, "members", member, "node.log")) as file:
        last = file.read().splitlines()[-1]
    require("journal" in last and "--quarantine" in last, f"its last words: {last}")


def votes_after_more(network, member, made):
    made.declare(4, down=member)
    answer = [one for one in network.status()["members"] if one["member"] == member][0]
    return answer["ready"]


def no_evidence(network, members):
    for member in members:
        with open(os.path.join(network.folder, "members", member, "node.log")) as file:
            found = re.findall(r"proof that \S+ signed.*", file.read())
        require(not found, f"{member} found {found[:1]}")
