// Search, filters and sorting of the catalogue; without it the page is complete and in its first order.
// What is chosen stands in the address after "#", so that it can be shared.
{
  const table = document.querySelector(".catalogue");
  const body = table.tBodies[0];
  const columns = [...table.tHead.rows[0].cells];
  const sortable = columns.filter(column => column.dataset.sort);
  const collator = new Intl.Collator("en", { numeric: true });
  const first = sortable.find(column => column.hasAttribute("aria-sort")).dataset.sort;
  let sorting = { by: first, order: "ascending" };

  // Quotation marks don't count, words do.
  const plain = text => text.replace(/[^\p{Letter}\p{Number} ]/gu, "");

  const rows = [...body.rows].map(row => ({
    row,
    title: plain(row.cells[0].textContent),
    text: `${row.id.replace("paper-", "")} ${row.textContent}`.toLowerCase(),
    keys: columns.map((_, place) => row.cells[place].dataset.key ?? plain(row.cells[place].textContent)),
  }));

  table.before(document.getElementById("search-controls").content.cloneNode(true));
  const form = document.querySelector(".search");
  const found = form.querySelector(".found");

  function filter() {
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { state, track } = form.elements;
    let count = 0;
    for (const { row, text } of rows) {
      const shown = words.every(word => text.includes(word))
        && (!state.value || row.dataset.state === state.value)
        && (!track.value || row.dataset.track === track.value);
      if (row.hidden === shown) row.hidden = !shown;
      count += shown;
    }
    found.textContent = `${count} of ${rows.length} papers`;
    table.hidden = count === 0;
  }

  function sort() {
    const sign = sorting.order === "descending" ? -1 : 1;
    const place = columns.findIndex(column => column.dataset.sort === sorting.by);
    rows.sort((a, b) => sign * collator.compare(a.keys[place], b.keys[place])
      || collator.compare(a.title, b.title));
    body.append(...rows.map(({ row }) => row));
    for (const column of sortable) {
      if (column.dataset.sort === sorting.by) column.setAttribute("aria-sort", sorting.order);
      else column.removeAttribute("aria-sort");
    }
  }

  function remember() {
    const chosen = new URLSearchParams();
    for (const name of ["q", "state", "track"]) {
      const value = form.elements[name].value.trim();
      if (value) chosen.set(name, value);
    }
    if (sorting.by !== first || sorting.order !== "ascending") {
      chosen.set("sort", sorting.by);
      chosen.set("order", sorting.order);
    }
    history.replaceState(null, "", location.pathname + (chosen.size ? `#${chosen}` : ""));
  }

  // "#paper-…" and "#content" are places on the page and choose nothing.
  function recall() {
    const anchor = location.hash.slice(1);
    if (anchor && !anchor.includes("=")) return;
    const chosen = new URLSearchParams(anchor);
    for (const name of ["q", "state", "track"]) form.elements[name].value = chosen.get(name) ?? "";
    const by = sortable.some(column => column.dataset.sort === chosen.get("sort")) ? chosen.get("sort") : first;
    const order = chosen.get("order") === "descending" ? "descending" : "ascending";
    const other = by !== sorting.by || order !== sorting.order;
    sorting = { by, order };
    if (other) sort();
    filter();
  }

  for (const column of sortable) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...column.childNodes);
    button.addEventListener("click", () => {
      const again = column.getAttribute("aria-sort") === "ascending";
      sorting = { by: column.dataset.sort, order: again ? "descending" : "ascending" };
      sort();
      remember();
    });
    column.append(button);
  }
  const choose = () => { filter(); remember(); };
  for (const event of ["input", "change"]) form.addEventListener(event, choose);
  form.addEventListener("submit", event => event.preventDefault());
  // A form is empty only after its "reset" was handled.
  form.addEventListener("reset", () => setTimeout(choose));
  window.addEventListener("hashchange", recall);
  filter();
  recall();
}
