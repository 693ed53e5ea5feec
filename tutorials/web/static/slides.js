// Arrow keys, space, page keys and a click at the edge turn slides; n shows the notes, p prints. Without a script all
// slides stand below each other.
const slides = [...document.querySelectorAll("section")];
const body = document.body;
let now = 0;

function show(number) {
  now = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, place) => slide.classList.toggle("now", place === now));
  history.replaceState(null, "", "#" + slides[now].id);
  scrollTo(0, 0);
}

const KEYS = {
  ArrowRight: () => show(now + 1),
  PageDown: () => show(now + 1),
  " ": () => show(now + 1),
  ArrowLeft: () => show(now - 1),
  PageUp: () => show(now - 1),
  Home: () => show(0),
  End: () => show(slides.length - 1),
  n: () => body.classList.toggle("notes"),
  p: () => print(),
};

addEventListener("keydown", (event) => {
  const inSummary = event.target.tagName === "SUMMARY" && event.key === " ";
  if (event.ctrlKey || event.metaKey || event.altKey || inSummary || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

const EDGE = 0.1; // of the window's width, left and right

addEventListener("click", (event) => {
  if (event.target.closest("summary, a") || String(getSelection())) return;
  const share = event.clientX / innerWidth;
  if (share > 1 - EDGE) show(now + 1);
  if (share < EDGE) show(now - 1);
});

body.classList.add("shown");
show(slides.findIndex((slide) => "#" + slide.id === location.hash));
