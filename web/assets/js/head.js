// Runs before the first paint: tells the style sheets that tiles can be turned by
// page, so that nothing jumps when the other scripts come.
document.documentElement.classList.add('js');
