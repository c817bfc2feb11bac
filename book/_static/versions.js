// Where several versions of the site lie beside each other, each page links to the same page of the
// others, or to their first page where they lack it. versions.json at the root of each version names
// them all; where it names none, as in a site that was just built, nothing is shown.
"use strict";

(async () => {
  if (location.protocol === "file:") return; // browsers read no file beside a page from a disk
  const here = new URL(document.documentElement.dataset.content_root, location.href);
  const answer = await fetch(new URL("versions.json", here), { cache: "no-cache" });
  if (!answer.ok) return;
  const told = await answer.json();
  if (told.versions.length < 2) return;

  const site = new URL(told.root, here);
  const page = `${DOCUMENTATION_OPTIONS.pagename}.html`;

  function addressIn(version) {
    const folder = new URL(version.name ? `${encodeURIComponent(version.name)}/` : "./", site);
    if (version.lacks.includes(page)) return new URL("index.html", folder);
    return new URL(page + location.search + location.hash, folder);
  }

  const menu = document.createElement("details");
  menu.className = "versions";
  const shown = document.createElement("summary");
  const current = told.versions.find((version) => version.name === told.here);
  shown.textContent = current.title;
  shown.setAttribute("aria-label", `Version of the course: ${current.title}`);
  const list = document.createElement("ul");
  for (const version of told.versions) {
    const link = document.createElement("a");
    link.href = addressIn(version);
    link.textContent = version.title;
    if (version === current) link.setAttribute("aria-current", "true");
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  // The reader may have moved within the page since it was loaded.
  menu.addEventListener("toggle", () => {
    list.querySelectorAll("a").forEach((link, i) => { link.href = addressIn(told.versions[i]); });
  });
  menu.append(shown, list);
  document.querySelector(".article-header-buttons").prepend(menu);

  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    shown.focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
})();
