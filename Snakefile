# The workflow's table of contents. DVC makes the data; from there on:
#
#   prepared data -> runs -> records -> collected -> tables, figures, verdicts -> site
#
# Targets: all (the default), a track, a paper, site, or any file, e.g.
#   snakemake results/quick/self_learning/tables/main.md

import os
import sys

sys.path.insert(0, workflow.basedir)
# Jobs start the `python` and the `dvc` beside this Snakemake, whether its environment is activated or not.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

from snakemake.logging import logger

from common.refusals import refusals_in_words
from common.rules.hashing_once import hash_files_once
from common.rules.log_file import tell_once_of_a_full_disk
from common.rules.starting import offer_warm_start, spare_pandas
from common.rules.targets import check_targets, typed_targets
from common.rules.telling import hush
from common.rules.watching import Watcher
from common.rules.workflow import Workflow
from common.strict import BadInputError

tell_once_of_a_full_disk()
hash_files_once()


configfile: "config.yaml"


try:
    with refusals_in_words():
        flow = Workflow(config, workflow.basedir, sys.argv[1:])
        check_targets(typed_targets(sys.argv[1:]), flow)
        if workflow.remote_exec:
            flow.check_run_goes_on()
except BadInputError as error:
    sys.exit(f"error: {error}")

# The receipt of the whole run, the forecast and the progress come from what Snakemake logs.
watcher = Watcher(workflow, flow.observers(workflow), flow.occupy)
logger.addHandler(watcher)
hush(workflow)
offer_warm_start(workflow)
spare_pandas(workflow)


rule all:
    input:
        flow.front_pages(),
        [flow.everything(paper) for paper in flow.papers],
    # A target without a message is announced by the names of all its files.
    message:
        "Target all"


include: "common/rules/targets.smk"
include: "common/rules/data.smk"
include: "common/rules/runs.smk"
include: "common/rules/results.smk"
include: "common/rules/site.smk"


# Snakemake copies its globals for each message that it formats, and puts a function per rule among them, which it
# doesn't look up there again: with a thousand papers that doubled the time to plan.
for rule_function in [f"__{rule.name}" for rule in workflow.rules]:
    globals().pop(rule_function, None)


onsuccess:
    watcher.end(succeeded=True)
    page = f"{workflow.basedir}/{flow.site}/index.html"
    if os.path.exists(page):
        print(f"The page: {page}")
    print(f"What ran, and why: {workflow.basedir}/results/receipt.md")


onerror:
    watcher.end(succeeded=False)
