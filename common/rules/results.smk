# What is made of records alone: the collected files, tables, figures, verdicts, and the report of them all.


# Per step, so that one table can be made by running what it shows.
rule collect_step:
    input:
        lambda wildcards: flow.records(wildcards.paper, wildcards.step),
    output:
        f"{flow.results}/{{paper}}/collected/{{step}}.jsonl",
    localrule: True
    params:
        code=flow.code("common.runs.collect"),
        seeds=lambda wildcards: flow.seeds_option(wildcards.paper),
    message:
        "{wildcards.paper}: collect the records of {wildcards.step}"
    shell:
        f"{flow.python} common.runs.collect {{wildcards.paper}} --step {{wildcards.step}} --scale {flow.scale} {{params.seeds}}"


rule collect:
    input:
        lambda wildcards: flow.collected_steps(wildcards.paper).values(),
    output:
        f"{flow.results}/{{paper}}/records.jsonl",
    localrule: True
    params:
        code=flow.code("common.runs.collect"),
        seeds=lambda wildcards: flow.seeds_option(wildcards.paper),
    message:
        "{wildcards.paper}: collect the records"
    shell:
        f"{flow.python} common.runs.collect {{wildcards.paper}} --scale {flow.scale} {{params.seeds}}"


rule table:
    input:
        lambda wildcards: flow.definitions.recorded(wildcards.paper),
        records=lambda wildcards: flow.table_records(wildcards.paper, wildcards.table),
    output:
        multiext(f"{flow.results}/{{paper}}/tables/{{table}}", ".md", ".tex", ".csv"),
    localrule: True
    params:
        code=flow.code("common.pages.tables.writing"),
        definition=lambda wildcards: flow.definitions.table_hash(wildcards.paper, wildcards.table),
    message:
        "{wildcards.paper}: table {wildcards.table}"
    shell:
        f"{flow.python} common.pages table {{wildcards.paper}} {{wildcards.table}} --scale {flow.scale} --records '{{input.records}}'"


rule figure:
    input:
        f"{flow.results}/{{paper}}/records.jsonl",
    output:
        multiext(f"{flow.results}/{{paper}}/figures/{{figure}}", ".svg", ".pdf", ".png", ".json"),
    localrule: True
    params:
        code=lambda wildcards: flow.figure_code(wildcards.paper, wildcards.figure),
    message:
        "{wildcards.paper}: figure {wildcards.figure}"
    shell:
        f"{flow.python} common.pages figure {{wildcards.paper}} {{wildcards.figure}} --scale {flow.scale}"


rule verdicts:
    input:
        f"{flow.results}/{{paper}}/records.jsonl",
    output:
        f"{flow.results}/{{paper}}/verdicts.json",
    localrule: True
    params:
        code=flow.code("common.claims.__main__"),
        claims=lambda wildcards: flow.definitions.file_hash(wildcards.paper, "claims.yaml"),
    message:
        "{wildcards.paper}: verdicts"
    shell:
        f"{flow.python} common.claims {{wildcards.paper}} --scale {flow.scale}"


rule paper_report:
    input:
        f"{flow.results}/{{paper}}/records.jsonl",
        lambda wildcards: flow.shown_files(wildcards.paper),
        lambda wildcards: flow.definitions.recorded(wildcards.paper),
    output:
        f"{flow.results}/{{paper}}/report.pdf",
    localrule: True
    params:
        code=flow.report_code(),
        paper=lambda wildcards: flow.definitions.file_hash(wildcards.paper, "paper.yaml"),
    message:
        "{wildcards.paper}: report"
    shell:
        f"{flow.python} common.pages report {{wildcards.paper}} --scale {flow.scale}"
