// Opened fields are shown once. A browser that brings the page back from its memory
// (the back button) shows the sealed record instead.

addEventListener('pageshow', (event) => {
  const opened = document.querySelector('[data-opened]');
  if (event.persisted && opened) location.replace(opened.dataset.opened);
});
