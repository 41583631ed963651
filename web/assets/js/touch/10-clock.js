// The clock in the frame shows the booth's time, not the browser's: the server says
// its time now and then, and the page counts on from there.

const clock = { ahead: 0 };

function setClock(serverMillis) {
  clock.ahead = serverMillis - Date.now();
  showClock();
}

function showClock() {
  const two = (n) => String(n).padStart(2, '0');
  for (const face of document.querySelectorAll('[data-clock]')) {
    const local = new Date(Date.now() + clock.ahead + Number(face.dataset.offset) * 1000);
    const text = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
    if (face.textContent !== text) face.textContent = text;
  }
}

setInterval(showClock, 1000);
