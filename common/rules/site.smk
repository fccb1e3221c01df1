# The site: a page per paper, and over all of them the front page and the catalogue.


rule paper_page:
    input:
        lambda wildcards: flow.collected(wildcards.paper),
        lambda wildcards: flow.paper_files(wildcards.paper),
        lambda wildcards: flow.definitions.recorded(wildcards.paper),
    output:
        f"{flow.site}/{{paper}}/index.html",
        f"{flow.site}/{{paper}}/summary.json",
    localrule: True
    params:
        code=flow.page_code("common.pages.site.paper_page"),
        paper=lambda wildcards: flow.definitions.file_hash(wildcards.paper, "paper.yaml"),
    message:
        "{wildcards.paper}: page"
    shell:
        f"{flow.python} common.pages paper {{wildcards.paper}} --scale {flow.scale}"


rule front_page:
    input:
        flow.front_inputs(),
    output:
        flow.front_pages(),
    localrule: True
    params:
        code=flow.page_code("common.pages.site.front_page", "common.pages.site.catalogue_page"),
        papers=flow.front_definition(),
    message:
        "Front page: " + f"{flow.site}/index.html"
    shell:
        f"{flow.python} common.pages front --scale {flow.scale}"
