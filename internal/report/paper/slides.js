(() => {
  const slides = [...document.querySelectorAll(".slide")], out = document.querySelector(".steps output");
  let at = Math.min(Math.max((parseInt(location.hash.slice(1), 10) || 1) - 1, 0), slides.length - 1);
  const show = n => {
    at = Math.min(Math.max(n, 0), slides.length - 1);
    slides.forEach((s, i) => s.classList.toggle("now", i === at));
    out.textContent = (at + 1) + " / " + slides.length;
    history.replaceState(null, "", "#" + (at + 1));
    scrollTo(0, 0);
  };
  const full = () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen && document.documentElement.requestFullscreen();
  document.body.classList.add("one");
  addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const button = e.target.closest && e.target.closest("button, a, summary");
    if (button && (e.key === " " || e.key === "Enter")) return;
    const go = {ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1}[e.key];
    if (go) { e.preventDefault(); show(at + (e.shiftKey && e.key === " " ? -1 : go)); }
    else if (e.key === "Home") show(0);
    else if (e.key === "End") show(slides.length - 1);
    else if (e.key === "f" || e.key === "F") full();
  });
  document.querySelectorAll("[data-step]").forEach(b => b.addEventListener("click", () => show(at + Number(b.dataset.step))));
  document.querySelector("[data-full]").addEventListener("click", full);
  show(at);
})();
