# The workflow's table of contents. DVC makes the data; from there on:
#
#   prepared data -> runs -> records -> collected -> tables, figures, verdicts -> site
#
# Targets: all (the default), a track, a paper, site, or any file, e.g.
#   snakemake results/quick/self_learning/tables/main.md

import sys

sys.path.insert(0, workflow.basedir)

from common.rules.workflow import Workflow


configfile: "config.yaml"


try:
    flow = Workflow(config, workflow.basedir)
except Exception as error:
    raise WorkflowError(str(error))


rule all:
    input:
        f"{flow.site}/index.html",
        [flow.paper_files(paper) for paper in flow.papers],


include: "common/rules/targets.smk"
include: "common/rules/data.smk"
include: "common/rules/runs.smk"
include: "common/rules/results.smk"
include: "common/rules/site.smk"
