// The page came with its words; when Streamlit has drawn the same page, it takes over, at the same
// place of the page. Until then, and where it never comes, the words stay.
(() => {
  const before = document.getElementById("before");
  const root = document.getElementById("root");
  if (!before || !root) return;
  const drawn = () => root.querySelector(".t footer") && !root.querySelector('[data-testid="stSkeleton"]');
  const take = () => {
    if (!drawn()) return;
    watch.disconnect();
    const main = root.querySelector('[data-testid="stMain"]');
    if (main) main.scrollTop = before.scrollTop;
    before.remove();
  };
  const watch = new MutationObserver(take);
  watch.observe(root, { childList: true, subtree: true });
})();
