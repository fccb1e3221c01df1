# Named targets besides `all`: each track, each paper, the site, the records.


for track, papers in flow.tracks.items():

    rule:
        name:
            track
        input:
            [flow.everything(paper) for paper in papers],
        message:
            f"Target {track}"


for paper in flow.targets:

    rule:
        name:
            paper
        input:
            flow.everything(paper),
        message:
            f"Target {paper}"


rule site:
    input:
        flow.front_pages(),
    message:
        "Target site"


rule records:
    input:
        [flow.records(paper) for paper in flow.papers],
    message:
        "Target records"
