// What a page of ours does beyond Streamlit: it takes over from the words that came first, lets the
// marks of a picture lead to their points, saves pictures, and copies text. Nothing is sent anywhere.
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

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[data-picture], button[data-copy]");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    else if (window.Plotly) save(button);
  });
})();
