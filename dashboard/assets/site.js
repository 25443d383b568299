// What a page of ours does beyond Streamlit: it takes over from the words that came first, lets the
// marks of a picture lead to their points, saves pictures and files, and copies text. Nothing is sent anywhere.
(() => {
  "use strict";

  // The page came with its words; when Streamlit has drawn the same page, it takes over, at the same
  // place of the page. Until then, and where it never comes, the words stay.
  const before = document.getElementById("before");
  const root = document.getElementById("root");
  if (!root) return;
  const drawn = () => root.querySelector(".t footer") && !root.querySelector('[data-testid="stSkeleton"]');
  const take = () => {
    if (!before || !before.isConnected || !drawn()) return;
    const main = root.querySelector('[data-testid="stMain"]');
    if (main) main.scrollTop = before.scrollTop;
    before.remove();
  };

  // Each mark of a picture bears an address of ours: a click goes there, as on a link.
  const lead = () => {
    for (const picture of root.querySelectorAll(".js-plotly-plot")) {
      if (picture.dataset.leads || !picture.on) continue;
      picture.dataset.leads = "yes";
      picture.on("plotly_click", (event) => {
        const data = event.points[0] && event.points[0].customdata;
        const address = Array.isArray(data) ? data[0] : data;
        if (typeof address === "string" && /^\/[a-z]/.test(address)) window.location.assign(address);
      });
    }
  };
  new MutationObserver(() => {
    take();
    lead();
  }).observe(root, { childList: true, subtree: true });

  // While a long registry is read for the first time, the bar in the words tells how far that is.
  const bar = document.getElementById("reading");
  const move = async () => {
    if (!bar.isConnected) return;
    try {
      const answer = await fetch("/healthz");
      bar.value = answer.ok ? 100 : parseInt(await answer.text(), 10) || bar.value;
    } catch {} // the server starts again; it is asked again
    setTimeout(move, 500);
  };
  if (bar) move();

  const save = async (button) => {
    const format = button.dataset.picture;
    const answer = await fetch(button.dataset.figure);
    if (!answer.ok) return;
    const figure = await answer.json();
    const { width, height } = figure.layout;
    const image = await window.Plotly.toImage(figure, { format, width, height, scale: format === "png" ? 2 : 1 });
    const link = document.createElement("a");
    link.href = image;
    link.download = `${button.dataset.figure.split("/").pop().split(".")[0]}.${format}`;
    link.click();
  };

  const copy = async (button) => {
    const text = document.getElementById(button.dataset.copy);
    getSelection().selectAllChildren(text); // seen by the reader, and copied by hand where the next line may not
    try {
      await navigator.clipboard.writeText((text.innerText || text.textContent).trim());
    } catch {
      document.execCommand("copy");
    }
    button.classList.add("did");
    setTimeout(() => button.classList.remove("did"), 2000);
  };

  // A file that takes a while to make says so; without this script its address is a plain download.
  const make = async (link) => {
    const said = document.getElementById("making");
    const tell = (words, file = "") => { if (said) said.textContent = said.dataset[words].replace("{file}", file); };
    if (link.getAttribute("aria-busy") === "true") return;
    link.setAttribute("aria-busy", "true");
    tell("making", link.getAttribute("aria-label") || link.textContent);
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.status);
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
      const file = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download: name ? name[1] : "" });
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
      tell("made", name ? name[1] : link.textContent);
    } catch {
      tell("failed");
    }
    link.removeAttribute("aria-busy");
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-make]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      make(link);
      return;
    }
    const button = event.target.closest && event.target.closest("button[data-picture], button[data-copy]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else if (window.Plotly) save(button);
  });
})();
