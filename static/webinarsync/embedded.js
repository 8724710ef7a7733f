// In a frame: sends the height of this page to the page around it, and nothing else.
"use strict";

{
  const sendHeight = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    parent.postMessage({ webinarsync: "height", height }, "*");
  };

  new ResizeObserver(sendHeight).observe(document.documentElement);
  sendHeight();
}
