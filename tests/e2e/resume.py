"""`sanad import --resume` after a kill -9 of the importer: every row once, every result once."""
import random
import signal
import subprocess

import network_fixture
from kcs import Log, check_rows, write_rows
from network_fixture import Network, eventually, require, sanad

HEADER = ["Declaration ID", "Date", "Office ID", "Process Type", "Import Type", "Import Use",
          "Payment Type", "Mode of Transport", "Declarant ID", "Importer ID", "Seller ID",
          "Courier ID", "HS6 Code", "Country of Departure", "Country of Origin", "Tax Rate",
          "Tax Type", "Country of Origin Indicator", "Net Mass", "Item Price", "Fraud",
          "Critical Fraud"]
OFFICES = ["40", "30", "16", "13"]  # AE-DU, AE-AZ, KW, QA
ROWS = 1_500


def made_rows(chance):
    """Rows in the form of the Korean set; importers are new, so a third of them is selected."""
    rows = []
    for number in range(ROWS):
        cells = [str(10_000_000 + number), "2020-03-01", chance.choice(OFFICES), "B", "11", "21",
                 "11", "10", "DECL1", f"IMP{number}", "SELLER1", "", chance.choice(
                     ["851712", "610910", "870323"]), "CN", "CN", "8.0", "A", "Y", "120.5",
                 chance.choice(["100.0", "200.0", "90000.0"]), chance.choice(["0", "0", "1"]), "0"]
        rows.append(dict(zip(HEADER, cells)))
    return rows


def import_command(network, path):
    return ["import", "kcs", path, "--network", network.folder, "--reveal-outcomes", "--resume",
            "--batch", "4", "--in-flight", "2"]


def log_size(network):
    sizes = [int(one["network"]["tree_size"]) for one in network.status()["members"]
             if one["network"]]
    return max(sizes)


def kill_importer(network, path, more_records):
    """Starts an import and kills it once the log has grown; how many records there were then."""
    before = log_size(network)
    importer = subprocess.Popen([network_fixture.BINARY, *import_command(network, path)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: log_size(network) >= before + more_records or
                   importer.poll() is not None, "the import goes on")
    finally:
        importer.kill()
        importer.wait()
    return importer.returncode == -signal.SIGKILL


def test(kills=4, seed=1):
    chance = random.Random(seed)
    rows = made_rows(chance)
    with Network(4) as network:
        network.up()
        path = network.path("made.csv")
        write_rows(path, HEADER, rows)
        killed = sum(kill_importer(network, path, chance.randint(50, 600)) for _ in range(kills))
        require(killed >= 2, f"only {killed} of {kills} imports were killed: all ended before")
        sanad(*import_command(network, path), timeout=600)
        again = sanad(*import_command(network, path), "--json", timeout=600)
        require(f'"skipped":{ROWS}' in again and '"settled":0' in again, f"more to do: {again}")
        network.settled()
        records = network.path("records.jsonl")
        with open(records, "w") as file:
            file.write(sanad("export", "--network", network.folder, "--as", "KW"))
        log = Log(records)
        check_rows(log, rows)
        require(not log.refused, f"done twice, and refused: {log.refused}")
        require(len(log.inspections) > 100, f"{len(log.inspections)} inspections")
        for member in network.members():
            sanad("reconcile", "--network", network.folder, "--as", member)
        print(f"{killed} importers killed, {ROWS} rows once, {len(log.inspections)} results once")
